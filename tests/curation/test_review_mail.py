"""Every step of a review is mailed over the wire, in its reader's language, and told here."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from repository.accounts.models import Actor, Notice, User
from repository.core.clock import FixedClock
from repository.core.runner import run_until_idle
from repository.core.runtime import Runtime
from repository.curation import arrivals, collections, placing, reviews
from repository.deposit import drafts, review
from repository.notices import services as told
from repository.records.access import AccessSettings
from tests.curation.conftest import _people
from tests.curation.test_reviews import TITLE, Desk
from tests.oai.publishing import METADATA
from tests.services.smtp import Mailbox


class Post:
    """A review between a depositor who reads English and a curator who reads Vietnamese."""

    def __init__(self, runtime: Runtime, mailbox: Mailbox) -> None:
        self.runtime, self.mailbox = runtime, mailbox
        self.desk = Desk(_people(runtime))
        self.read = 0
        with runtime.work() as work:
            people = [(self.desk.owner, "en"), (self.desk.curator, "vi")]
            users = [(work.session.get_one(User, a.user_id), locale) for a, locale in people]
            for user, locale in users:
                user.locale = locale
            self.owner, self.curator = (user.email for user, _locale in users)

    def next(self, kind: str) -> tuple[str, str, str, str]:
        """The one mail that a step has sent: to whom, in which language, its subject and text.

        Its reader has the same as a notice, of this kind.
        """
        run_until_idle(self.runtime)
        (mail,) = self.mailbox.messages[self.read :]
        self.read += 1
        assert mail["Content-Language"] == ("en" if mail["To"] == self.owner else "vi")
        with self.runtime.read() as work:
            query = select(Notice).order_by(Notice.id.desc()).limit(1)
            notice = work.session.scalars(query).one()
            assert notice.kind == kind
            reader = work.session.get_one(User, notice.user_id)
            assert reader.email == mail["To"]
            shown = told.shown(work, Actor.of(reader), notice, reader.locale or "vi")
            is_named = kind != "review.cancelled"  # it is nobody's business any more
            assert (shown.text in str(mail["Subject"])) is is_named
            assert notice.url in mail.get_content()
        text = "\n".join(mail.get_content().splitlines())
        return mail["To"], mail["Content-Language"], str(mail["Subject"]), text


@pytest.fixture
def post(mailing_runtime: Runtime, mailbox: Mailbox) -> Post:
    return Post(mailing_runtime, mailbox)


def test_each_step_is_mailed_to_the_other_side(post: Post, clock: FixedClock) -> None:
    desk = post.desk
    number = desk.submit()
    to, _language, subject, text = post.next("review.submitted")
    assert to == post.curator
    assert "được gửi vào" in subject
    assert "> Xin xem giúp" in text
    assert "/reviews/1" in text
    desk.do(reviews.comment, desk.curator, number, "Nguồn nào?\nNăm nào?", pointer=TITLE)
    to, _language, subject, text = post.next("review.comment")
    assert to == post.owner
    assert "There is a new comment" in subject
    assert "> Nguồn nào?\n> Năm nào?" in text
    desk.do(reviews.comment, desk.owner, number, "Trạm Láng")
    assert post.next("review.comment")[0] == post.curator
    said = desk.do(reviews.comment, desk.curator, number, "", pointer=TITLE, suggestion="Rõ hơn")
    assert "> Rõ hơn" in post.next("review.comment")[3]
    desk.do(reviews.send_back, desk.curator, number, "Sửa tên")
    assert "asks for changes" in post.next("review.changes")[2]
    for act, kind in ((review.apply_suggestion, "applied"), (review.undo_suggestion, "undone")):
        desk.do(act, desk.owner, number, said.id)
        assert post.next(f"review.{kind}")[0] == post.curator
    desk.submit()
    assert post.next("review.submitted")[0] == post.curator
    due = clock.now().date() + timedelta(days=5)
    desk.do(reviews.plan, desk.curator, number, checked=[0], due_on=due)
    to, _language, subject, _text = post.next("review.planned")
    assert to == post.owner
    assert "should be reviewed by" in subject
    clock.advance(timedelta(days=4))
    for expected in (1, 0):
        with post.runtime.work() as work:
            assert reviews.remind(work) == expected, "once for each day"
    to, _language, subject, text = post.next("review.due")
    assert to == post.curator, "whose turn it is"
    assert str(date.fromisoformat(str(due)).year) in subject
    desk.do(review.accept, desk.curator, number, text="Cảm ơn")
    to, _language, subject, text = post.next("review.accepted")
    assert to == post.owner
    assert "and published" in subject
    assert "> Cảm ơn" in text


@pytest.mark.parametrize(("act", "kind"), [("decline", "declined"), ("cancel", "cancelled")])
def test_the_other_ends_are_mailed_too(post: Post, act: str, kind: str) -> None:
    desk = post.desk
    number = desk.submit()
    post.next("review.submitted")
    actor = desk.curator if act == "decline" else desk.owner
    desk.do(getattr(reviews, act), actor, number, "Vì trùng")
    to, _language, _subject, text = post.next(f"review.{kind}")
    assert to == (post.owner if act == "decline" else post.curator)
    assert "> Vì trùng" in text


def test_curators_are_told_of_what_came_in_without_a_review(
    mailing_runtime: Runtime, mailbox: Mailbox
) -> None:
    people = _people(mailing_runtime)
    slug = people.collection("mo", submission="open")
    for name in ("curator", "manager"):
        people.member(slug, name, name)
    owner, curator = people.actor("stranger"), people.actor("curator")

    def publish(actor: Actor, title: str, access: str = "public") -> None:
        metadata = METADATA | {"titles": [{"title": title}]}
        settings = AccessSettings.model_validate({"record": access, "files": access})
        with mailing_runtime.work() as work:
            draft = drafts.create_draft(work, actor, metadata, access=settings, files_enabled=False)
            review.choose(work, actor, draft.version_id, slug)
            review.submit(work, actor, draft.version_id)

    def told() -> list[tuple[str, str]]:
        run_until_idle(mailing_runtime)
        found = [(str(mail["To"]), str(mail["Subject"])) for mail in mailbox.messages]
        mailbox.messages.clear()
        return sorted((to.partition("@")[0], subject) for to, subject in found)

    publish(owner, "Mưa ở Ví Dụ")
    publish(curator, "Của người phụ trách")
    assert arrivals.tell(mailing_runtime) == 1
    assert arrivals.tell(mailing_runtime) == 0
    one = "“Mưa ở Ví Dụ” được đưa vào Viện Mẫu mà không qua duyệt"
    assert [(to, one in subject) for to, subject in told()] == [
        ("curator", True),
        ("manager", True),
    ]
    with mailing_runtime.work() as work:
        draft = drafts.create_draft(work, owner, METADATA)
        placing.add_record(work, owner, collections.find(work, slug), draft.version_id)
    assert arrivals.tell(mailing_runtime) == 0, "a draft waits until it is published"
    publish(owner, "Gió", "restricted")
    publish(owner, "Nắng")
    assert arrivals.tell(mailing_runtime) == 2
    run_until_idle(mailing_runtime)
    assert {"> Gió", "> Nắng"} <= set(mailbox.text_to(people.users["curator"].email).splitlines())
    assert [to for to, subject in told() if "Viện Mẫu" in subject] == ["curator", "manager"]
