"""Edge lists from files: what is read, and what is refused with the line named."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.draws import Draws
from simulator.social.files import EdgeList, read_edge_list
from simulator.social.networks import SocialSettings, build


def read(folder: Path, content: str | bytes, name: str = "friends.txt") -> EdgeList:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_edge_list(path)


def by_id(links: EdgeList) -> list[tuple[object, object]]:
    ids = links.original_ids.tolist()
    return [(ids[a], ids[b]) for a, b in zip(links.a, links.b, strict=True)]


@pytest.mark.parametrize(
    "content",
    [
        "3 1\n1 20\n",
        "# SNAP\n% Pajek\n3\t1\n\n1\t20\n",
        "3,1\n1,20",
        "  3   1 \r\n \t \r\n1 20\r\n",
        "3 1\r1 20\r",
        "\ufeff3, 1\n  \n1 ,20\n",
        "source,target\n3,1\n1,20\n",
        "who,whom\n3,1\n1,20\n",
        "from to\n3 1\n1 20\n",
        '"3","1"\n"1","20"\n',
    ],
)
def test_integer_links_in_every_dress(tmp_path: Path, content: str):
    links = read(tmp_path, content)
    assert links.n == 3
    assert links.original_ids.tolist() == [1, 3, 20]  # by value, not as text
    assert by_id(links) == [(3, 1), (1, 20)]
    assert links.strength is None


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("bob alice\nalice Zoe\n", [("bob", "alice"), ("alice", "Zoe")]),
        ('source,target\n"Li, Na",王芳\n王芳, NA\n', [("Li, Na", "王芳"), ("王芳", "NA")]),
        ('bob, "Li, Na"\n"Li, Na" ,bob\n', [("bob", "Li, Na"), ("Li, Na", "bob")]),
        ("n1 7\n7 null\n", [("n1", "7"), ("7", "null")]),
    ],
)
def test_ids_may_be_strings(tmp_path: Path, content: str, expected: list[tuple[str, str]]):
    links = read(tmp_path, content)
    assert by_id(links) == expected
    assert links.original_ids.tolist() == sorted({person for pair in expected for person in pair})


def test_a_third_column_is_the_weight(tmp_path: Path):
    links = read(tmp_path, "source,target,weight\n1,2,0.5\n2,3,0\n1,3,1e3\n")
    assert links.strength is not None
    assert links.strength.tolist() == [0.5, 0.0, 1000.0]


def test_gzip_is_unpacked(tmp_path: Path):
    packed = read(tmp_path, gzip.compress(b"# two\n1 2\n2 3\n"), "friends.txt.gz")
    assert by_id(packed) == [(1, 2), (2, 3)]


def test_people_known_only_to_themselves_count(tmp_path: Path):
    assert read(tmp_path, "1 1\n2 3\n").n == 3


integer_ids = st.tuples(st.integers(-(2**63), 2**63 - 1), st.integers(-20, 20))
word = st.text(st.characters(categories=["Lu", "Ll", "Lo"]), min_size=1, max_size=6).map("x".__add__)
string_ids = st.tuples(word, word)


@given(
    pairs=st.lists(integer_ids, min_size=1, max_size=20) | st.lists(string_ids, min_size=1, max_size=20),
    weights=st.none() | st.lists(st.floats(0, 1e300), min_size=20, max_size=20),
    separator=st.sampled_from([" ", "\t", ",", "  "]),
    is_packed=st.booleans(),
)
def test_what_is_written_is_read(
    tmp_path_factory: pytest.TempPathFactory,
    pairs: list[tuple[object, object]],
    weights: list[float] | None,
    separator: str,
    is_packed: bool,
):
    rows = [[*map(str, pair)] + ([repr(weights[k])] if weights else []) for k, pair in enumerate(pairs)]
    content = "".join(separator.join(row) + "\n" for row in rows).encode()
    name = "links.gz" if is_packed else "links"
    links = read(tmp_path_factory.mktemp("links"), gzip.compress(content) if is_packed else content, name)

    assert by_id(links) == pairs
    assert links.original_ids.tolist() == sorted({person for pair in pairs for person in pair})
    assert links.n == len(links.original_ids)
    assert (links.strength is None) == (weights is None)
    if weights and links.strength is not None:
        assert links.strength.tolist() == pytest.approx(weights[: len(pairs)], rel=1e-15, abs=0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("# c\n1 2\n\nx\n", "friends.txt, line 4: expected two ids, found 'x'"),
        ("1 2\n1 2 3\n", "friends.txt, line 2: expected two ids, found '1 2 3'"),
        ("1 2 3\n1 2\n", "friends.txt, line 2: expected two ids and a weight, found '1 2'"),
        ("1 2 3 4\n", "friends.txt, line 1: expected two ids and a weight, found '1 2 3 4'"),
        ("1;2\n", "friends.txt, line 1: expected two ids, found '1;2'"),
        ("1 2\n2 bob\n", "friends.txt, line 2: expected integer ids as in the first link, found 'bob'"),
        ("1 2\n2 99999999999999999999\n", "line 2: expected integer ids as in the first link, found '999999"),
        ("bob alice\nbob\n", "friends.txt, line 2: expected two ids, found 'bob'"),
        ("bob,alice\nbob,\n", "friends.txt, line 2: expected two ids, found 'bob,'"),
        ("1 2 1\n2 3 -0.5\n", "friends.txt, line 2: expected a weight of 0 or more, found '-0.5'"),
        ("1 2 1\n2 3 nan\n", "friends.txt, line 2: expected a weight of 0 or more, found 'nan'"),
        ("1 2 1\n2 3 inf\n", "friends.txt, line 2: expected a weight of 0 or more, found 'inf'"),
        ("1 2 1\n2 3 much\n", "friends.txt, line 2: expected a weight of 0 or more, found 'much'"),
        (b"1 2\n2 \xff3\n", "friends.txt, line 2: is not UTF-8 text"),
        (b"1 2\n2 3\n\0\0", "friends.txt, line 3: is not UTF-8 text"),
        ("", "friends.txt: there are no links in the file"),
        ("# nobody\n\n", "friends.txt: there are no links in the file"),
        ("source,target\n", "friends.txt: there are no links in the file"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(tmp_path: Path, content: str | bytes, message: str):
    with pytest.raises(ValueError) as refused:  # noqa: PT011
        read(tmp_path, content)
    assert message in str(refused.value)


def test_what_cannot_be_opened_or_unpacked_is_refused(tmp_path: Path):
    with pytest.raises(ValueError, match=r"nobody\.txt: cannot be read: No such file"):
        read_edge_list(tmp_path / "nobody.txt")
    with pytest.raises(ValueError, match="cannot be read"):
        read_edge_list(tmp_path)
    for content in (b"1 2\n", gzip.compress(b"1 2\n" * 99)[:-12]):
        with pytest.raises(ValueError, match=r"friends\.gz: is not a whole gzip file"):
            read(tmp_path, content, "friends.gz")


def test_a_real_network_loads_as_published(tmp_path: Path):
    links = nx.karate_club_graph().edges
    seen = read(tmp_path, "".join(f"{a} {b}\n" for a, b in links).encode(), "karate.txt")
    assert (seen.n, len(seen.a)) == (34, 78)
    network = build(SocialSettings(kind="edge_list", path=str(tmp_path / "karate.txt")), 34, Draws(1)).describe()
    # Zachary 1977; clustering as in Watts & Strogatz's definition.
    assert (network["degree_max"], network["largest_component"]) == (17, 34)
    assert network["clustering"] == pytest.approx(0.5706, abs=5e-5)


@pytest.mark.data
def test_the_facebook_network_loads_as_published():
    path = Path(os.environ["PINTUAN_DATA"]) / "facebook_combined.txt"
    links = read_edge_list(path)
    assert (links.n, len(links.a)) == (4039, 88_234)
    assert np.array_equal(links.original_ids, np.arange(4039))
    seen = build(SocialSettings(kind="edge_list", path=str(path)), 4039, Draws(1)).describe()
    # As published with the data (McAuley & Leskovec 2012).
    assert (seen["n_links"], seen["largest_component"]) == (88_234, 4039)
    assert seen["clustering"] == pytest.approx(0.6055, abs=5e-5)
