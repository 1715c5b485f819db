"""The REST API, in the shapes of InvenioRDM v1 so that its clients work."""
