"""Commands for vocabularies: what there is, in, and out."""

from pathlib import Path

import click

from repository.core.commands import with_runtime
from repository.core.runtime import Runtime
from repository.vocabularies import exporting, terms
from repository.vocabularies.builtin import load_builtin
from repository.vocabularies.files import load_file
from repository.vocabularies.loading import Description
from repository.vocabularies.models import Kind

KINDS = [kind.value for kind in Kind]


@click.group()
def vocabulary() -> None:
    """Controlled lists: classifications, organisations, funders, projects."""


@vocabulary.command("list")
@with_runtime
def list_all(runtime: Runtime) -> None:
    """Name each list with its kind, version and number of terms."""
    load_builtin(runtime)
    with runtime.read() as work:
        for each in terms.vocabularies(work):
            click.echo(f"{each.id:<20} {each.kind:<13} {each.version:<20} {each.terms:>7}")


@vocabulary.command("import")
@click.argument("name")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--version", required=True, help="What this state of the list is called.")
@click.option("--kind", type=click.Choice(KINDS[:-1]), default=KINDS[0], show_default=True)
@click.option("--title-vi", default="")
@click.option("--title-en", default="")
@click.option("--scheme", default="", help="The subjectScheme that metadata name.")
@click.option("--scheme-uri", default="")
@click.option("--by-prefix", is_flag=True, help="CSV: 101 lies below 1, 10101 below 101.")
@click.option("--add", is_flag=True, help="Retire nothing that this file does not hold.")
@with_runtime
def import_file(
    runtime: Runtime,
    name: str,
    file: Path,
    version: str,
    kind: str,
    title_vi: str,
    title_en: str,
    scheme: str,
    scheme_uri: str,
    by_prefix: bool,
    add: bool,
) -> None:
    """Import NAME from a CSV, SKOS (.ttl .rdf .jsonld) FILE; NAME ror: ROR's dump (.zip .json).

    A term that the file lacks is retired, not deleted. Prints what was brought.
    """
    load_builtin(runtime)
    told = Description(name, kind, title_vi, title_en, scheme, scheme_uri)
    done = load_file(runtime, told, file, version, by_prefix=by_prefix, whole=not add)
    for identifier, each in done.items():
        click.echo(
            f"{identifier}: {each.total} terms ({each.added} new, {each.changed} changed, "
            f"{each.retired} retired)"
        )


@vocabulary.command("export")
@click.argument("name")
@click.option("--format", "syntax", type=click.Choice(["csv", "skos"]), default="csv")
@with_runtime
def export(runtime: Runtime, name: str, syntax: str) -> None:
    """Write the list NAME to the standard output."""
    load_builtin(runtime)
    with runtime.read() as work:
        found = terms.vocabulary_of(work, name)
        if syntax == "csv":
            for line in exporting.as_csv(work, found):
                click.echo(line, nl=False)
        else:
            click.echo(exporting.as_skos(work, found, runtime.settings.base_url), nl=False)


commands = [vocabulary]
