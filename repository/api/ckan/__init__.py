"""The read side of CKAN's action API (version 3), for CKAN harvesters and `ckanapi`."""
