"""Maps drawn by the server: a sheet to place things on, and the world's coastlines."""
