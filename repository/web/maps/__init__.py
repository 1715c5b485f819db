"""Maps drawn by the server: a sheet to place things on, the world's land, names."""
