"""What headers say, however they are written: bounded, never negative, never raising."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from onrecord.errors import FetchError
from onrecord.feeds.fetch.headers import wishes_of
from onrecord.feeds.fetch.urls import host_of, parse_url, target_of

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
A_YEAR_S = 366 * 86_400.0


def headers(**given: str) -> CIMultiDictProxy[str]:
    pairs = {name.replace("_", "-"): value for name, value in given.items()}
    return CIMultiDictProxy(CIMultiDict(pairs))


@pytest.mark.parametrize(
    ("date", "retry_after"),
    [
        ("Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"),
        ("Fri, 20 Nov 2026 12:00:00 GMT", "Fri, 20 Nov 2026 11:00:00 GMT"),
        ("", "-5"),
    ],
)
def test_a_wait_in_the_past_is_none(date: str, retry_after: str) -> None:
    assert wishes_of(headers(Date=date, Retry_After=retry_after), NOW).retry_after_s is None


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_wishes_are_within_a_year(date: str, retry_after: str, cache: str) -> None:
    wishes = wishes_of(
        headers(Date=date, Retry_After=retry_after, Expires=date, Cache_Control=cache), NOW
    )
    for wish in (wishes.retry_after_s, wishes.max_age_s, wishes.expires_s):
        assert wish is None or abs(wish) <= A_YEAR_S


def test_a_number_of_five_thousand_digits_is_a_year() -> None:
    wishes = wishes_of(headers(Retry_After="9" * 5_000, Cache_Control="max-age=" + "9" * 900), NOW)
    assert (wishes.retry_after_s, wishes.max_age_s) == (A_YEAR_S, A_YEAR_S)


@pytest.mark.parametrize("url", ["http://xn--a.example/", "http://xn--/", "http://[::1", "\udcff"])
def test_a_host_that_cannot_be_is_refused_in_words(url: str) -> None:
    host_of(url)
    target_of(parse_url("https://a.example/", ""), url).encode()
    with pytest.raises(FetchError):
        parse_url(url, url)


@pytest.mark.parametrize("port", [22, 25, 6379, 5432])
def test_ports_of_other_services_are_not_asked(port: int) -> None:
    with pytest.raises(FetchError, match=f"port {port} is another service's"):
        parse_url(f"http://a.example:{port}/", "")
