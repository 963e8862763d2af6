"""Access control: who asks, whether they can read, and whether they can write.

On loopback without tokens everyone on this machine can read and write. Otherwise a request brings
a token in `Authorization: Bearer`, or the cookie that the sign-in page gave for one. The cookie is
signed with a key made of the token, so removing a token ends its sessions, and nothing is stored.
"""

import getpass
import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

from aiohttp import web
from aiohttp.typedefs import Handler

from onrecord.web.forms import form_of
from onrecord.web.policy import ServePolicy, is_loopback
from onrecord.web.problems import Problem
from onrecord.web.tokens import NamedToken, holder_of, read_tokens

COOKIE = "onrecord_session"
SESSION_S = 14 * 86_400

# Probes have no token; these responses contain no served data.
_HEALTH = frozenset({"/health", "/health/live", "/health/ready"})
_OPEN = ("/sign-in", "/static/")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks. `form_key` must come back with every form; `session` is the cookie, if any."""

    name: str
    can_write: bool
    form_key: str = field(repr=False)
    has_session: bool = False


VISITOR = web.RequestKey("visitor", Visitor)


class AccessControl:
    """Decides on every request. Raises ConfigError for a tokens file that cannot be used."""

    def __init__(self, policy: ServePolicy, *, clock: Callable[[], float] = time.time) -> None:
        named = read_tokens(policy.tokens_file)
        shared = (NamedToken("token", False, policy.token),) if policy.token else ()
        self._tokens = (*named, *shared)
        self._host = policy.host
        self._clock = clock
        self._secret = secrets.token_bytes(32)
        self._local = Visitor(_user_name(), True, _digest(self._secret, "form"))

    @property
    def needs_token(self) -> bool:
        return bool(self._tokens)

    @web.middleware
    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let a request pass, or raise a Problem."""
        if request.path in _HEALTH:
            return await handler(request)
        if not self._tokens and not _is_of_this_machine(request.host, self._host):
            # DNS rebinding: a foreign page whose name resolves to this address must not read.
            raise Problem(421, f"this server does not go by the name {request.host!r:.100}")
        visitor = self._visitor(request)
        if visitor is not None:
            request[VISITOR] = visitor
        elif not request.path.startswith(_OPEN):
            raise Problem(401, "send the token as `Authorization: Bearer …`")
        return await handler(request)

    def sign_in(self, token: str) -> str | None:
        """The cookie for a token; None for an unknown one."""
        holder = holder_of(token, self._tokens)
        return None if holder is None else self._session_of(holder, int(self._clock()))

    def holder_of_session(self, cookie: str) -> NamedToken | None:
        """The token that a cookie was made of; None where it is forged, old, or of another."""
        since, _, rest = cookie.partition(":")
        name = rest.rpartition(":")[0]
        if not (since.isascii() and since.isdecimal() and len(since) < 16):
            return None
        if self._clock() - int(since) >= SESSION_S:
            return None
        given = cookie.encode("utf-8", "replace")
        # serve.token is called "token"; a holder in the file can have that name too.
        return next(
            (
                one
                for one in self._tokens
                if one.name == name
                and hmac.compare_digest(given, self._session_of(one, int(since)).encode())
            ),
            None,
        )

    async def check_form(self, request: web.Request, *, writes: bool = True) -> Visitor:
        """The visitor who sent a form that changes something. Raises Problem.

        A foreign page cannot read `form_key`, so it cannot forge the form. `Origin` says nothing
        here: our own forms send "null", for no page tells where it was.
        """
        visitor: Visitor | None = request.get(VISITOR)
        if visitor is None:
            raise Problem(401, "sign in first")
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
            raise Problem(403, "this form was sent by another site")
        given = (await form_of(request)).get("form_key", "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), visitor.form_key.encode()):
            raise Problem(403, "this form is too old: go back, load the page again, and repeat it")
        if writes and not visitor.can_write:
            raise Problem(403, f"{visitor.name} can read, and not write")
        return visitor

    def check_writer(self, request: web.Request) -> Visitor:
        """The visitor whose program changes something, sent by no foreign page. Raises Problem."""
        visitor: Visitor | None = request.get(VISITOR)
        if visitor is None:
            raise Problem(401, "send the token as `Authorization: Bearer …`")
        if request.headers.get("Sec-Fetch-Site", "none") not in {"same-origin", "none"}:
            raise Problem(403, "this request was sent by another site")
        if not visitor.can_write:
            raise Problem(403, f"{visitor.name} can read, and not write")
        return visitor

    def _visitor(self, request: web.Request) -> Visitor | None:
        if not self._tokens:
            return self._local
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            holder = holder_of(given, self._tokens)
            return None if holder is None else self._as_visitor(holder, "")
        cookie = request.cookies.get(COOKIE, "")
        holder = self.holder_of_session(cookie)
        return None if holder is None else self._as_visitor(holder, cookie)

    def _as_visitor(self, holder: NamedToken, cookie: str) -> Visitor:
        form_key = _digest(_key_of(holder), f"form {cookie or self._secret.hex()}")
        return Visitor(holder.name, holder.can_write, form_key, bool(cookie))

    def _session_of(self, holder: NamedToken, since: int) -> str:
        said = f"{since}:{holder.name}"
        return f"{said}:{_digest(_key_of(holder), said)}"


def _key_of(holder: NamedToken) -> bytes:
    return hmac.digest(holder.token.encode(), b"onrecord session", sha256)


def _digest(key: bytes, text: str) -> str:
    return hmac.digest(key, text.encode("utf-8", "replace"), sha256).hex()


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user often has no name
        return "local"


def _is_of_this_machine(named: str, listens_on: str) -> bool:
    host = named.rpartition(":")[0] if named.rpartition(":")[2].isdecimal() else named
    return is_loopback(host) or host == listens_on
