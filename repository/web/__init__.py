"""The page kit: what every page and API answer needs, once."""
