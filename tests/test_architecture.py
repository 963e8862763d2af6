"""The shape of the package: one name for one thing, one place for one idea, and no circles."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import grimp

PACKAGE = Path(__file__).parents[1] / "pipeline" / "onrecord"
LONGEST_MODULE = 400
SHORTEST_BODY = 4


def modules() -> Iterator[tuple[str, str]]:
    """Every module's path within the package, and its source."""
    for path in sorted(PACKAGE.rglob("*.py")):
        yield str(path.relative_to(PACKAGE)), path.read_text("utf-8")


def test_one_public_class_name_means_one_thing() -> None:
    places = defaultdict(list)
    for name, source in modules():
        for node in ast.parse(source).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(name)
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_no_function_body_stands_in_two_places() -> None:
    places = defaultdict(list)
    for name, source in modules():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = without_docstring(node)
                if lines_of(body) >= SHORTEST_BODY:
                    text = ast.dump(ast.Module(body, []))
                    places[text].append(f"{name}:{node.name}")
    assert [found for found in places.values() if len(found) > 1] == []


def without_docstring(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.stmt]:
    return node.body[1:] if ast.get_docstring(node) is not None else node.body


def lines_of(body: list[ast.stmt]) -> int:
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_no_module_is_long() -> None:
    lengths = {name: source.count("\n") for name, source in modules()}
    assert {name: n for name, n in lengths.items() if n > LONGEST_MODULE} == {}


def test_no_module_imports_itself_in_a_circle() -> None:
    graph = grimp.build_graph("onrecord", cache_dir=None)
    imports = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    done: set[str] = set()

    def circle(name: str, above: tuple[str, ...]) -> tuple[str, ...] | None:
        if name in above:
            return (*above[above.index(name) :], name)
        if name in done:
            return None
        found = (circle(other, (*above, name)) for other in sorted(imports[name]))
        first = next((one for one in found if one is not None), None)
        done.add(name)
        return first

    assert [found for name in sorted(imports) if (found := circle(name, ()))] == []
