"""Search engines by name. To add one: a file that meets `Engine`, and a line here."""

from importlib.metadata import entry_points

from repository.discovery.engines.base import Engine, EngineError


def engine_named(name: str) -> Engine:
    """The configured engine. Raises EngineError for a name that nothing answers to."""
    if name == "tantivy":
        try:
            from repository.discovery.engines.tantivy import TantivyEngine
        except ImportError as error:  # a machine without a compiled wheel
            raise EngineError("tantivy is not installed here; set the engine to whoosh") from error
        return TantivyEngine()
    if name == "whoosh":
        from repository.discovery.engines.whoosh import WhooshEngine

        return WhooshEngine()
    for found in entry_points(group="repository.search", name=name):
        engine: Engine = found.load()()
        return engine
    raise EngineError(f"no search engine is called {name}; there are: tantivy, whoosh")
