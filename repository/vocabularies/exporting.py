"""A list written out: as CSV for a spreadsheet, as SKOS for other systems."""

import csv
import io
from collections.abc import Iterator

from rdflib import DCTERMS, OWL, RDF, SKOS, Graph, Literal, URIRef
from sqlalchemy import select

from repository.core.cells import guarded
from repository.core.work import Work
from repository.vocabularies.models import Term, Vocabulary

CSV_COLUMNS = ("code", "vi", "en", "uri", "parent", "replaced_by", "retired")
MAX_SKOS = 100_000


def terms_in_order(work: Work, vocabulary: str) -> Iterator[Term]:
    query = select(Term).where(Term.vocabulary_id == vocabulary).order_by(Term.position, Term.id)
    yield from work.session.scalars(query.execution_options(yield_per=1000))


def as_csv(work: Work, vocabulary: Vocabulary) -> Iterator[str]:
    """Lines that the importer takes back; no cell begins a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(CSV_COLUMNS)
    for term in terms_in_order(work, vocabulary.id):
        cells = (term.code, term.label_vi, term.label_en, term.uri, term.parent)
        told = (*cells, term.replaced_by, "1" if term.retired else "")
        writer.writerow([guarded(cell) for cell in told])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def as_skos(work: Work, vocabulary: Vocabulary, base_url: str) -> bytes:
    """Turtle; a term without an address of its own gets one below the API's."""
    graph = Graph()
    root = f"{base_url}/api/vocabularies/{vocabulary.id}"
    scheme = URIRef(vocabulary.scheme_uri or root)
    graph.add((scheme, RDF.type, SKOS.ConceptScheme))
    graph.add((scheme, OWL.versionInfo, Literal(vocabulary.version)))
    for language, title in (("vi", vocabulary.title_vi), ("en", vocabulary.title_en)):
        if title:
            graph.add((scheme, DCTERMS.title, Literal(title, lang=language)))
    terms: dict[str, tuple[URIRef, Term]] = {}
    for term in terms_in_order(work, vocabulary.id):
        if len(terms) >= MAX_SKOS:
            break
        terms[term.code] = (URIRef(term.uri or f"{root}/{term.code}"), term)
    for node, term in terms.values():
        graph.add((node, RDF.type, SKOS.Concept))
        graph.add((node, SKOS.inScheme, scheme))
        graph.add((node, SKOS.notation, Literal(term.code)))
        for language, label in term.labels.items():
            graph.add((node, SKOS.prefLabel, Literal(label, lang=language)))
        if term.parent in terms:
            graph.add((node, SKOS.broader, terms[term.parent][0]))
        else:
            graph.add((node, SKOS.topConceptOf, scheme))
        if term.retired:
            graph.add((node, OWL.deprecated, Literal(True)))
        if term.replaced_by in terms:
            graph.add((node, DCTERMS.isReplacedBy, terms[term.replaced_by][0]))
    return graph.serialize(format="turtle").encode()
