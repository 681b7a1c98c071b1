#!/usr/bin/env python3
"""Checks that the rules, the dashboard and the table of docs/operations.md name metrics that the code measures, that the dashboard shows
all of them, that each alert names a heading of that page, and that alerts are raised when they should be (promtool).

    python3 deploy/observability/check.py [PROMTOOL]
"""

import pathlib
import re
import subprocess
import sys

FOLDER = pathlib.Path(__file__).parent
ROOT = FOLDER.parent.parent
# Folders of the crates that run in production: all but the tests, and `local/`, which is one level deeper.
MEASURING = sorted(path.parent.name for path in ROOT.glob("*/Cargo.toml") if path.parent.name != "tests")
OF_HISTOGRAMS = ("_bucket", "_sum", "_count")


def measured():
    """All metrics of the code, with their kind."""
    sources = [path.read_text() for crate in MEASURING for path in (ROOT / crate / "src").rglob("*.rs")]
    found = re.findall(r'metrics::(counter|gauge|histogram)!\(\s*"([a-z_]+)"', "\n".join(sources))
    return {name: kind for kind, name in found}


def named(text):
    """All metrics that a text names. Recorded series have a colon in their names."""
    return {word for word in re.findall(r"[A-Za-z0-9_:]+", text) if word.startswith(("ticketshow_", "process_")) and ":" not in word}


def faults():
    metrics = measured()
    rules, dashboard = (FOLDER / "rules.yaml").read_text(), (FOLDER / "dashboard.json").read_text()
    operations = (ROOT / "docs/operations.md").read_text()
    if len(metrics) < 30:
        yield f"only {len(metrics)} metrics were found in the code"
    for file, text in [("rules.yaml", rules), ("dashboard.json", dashboard)]:
        if len(named(text)) < 15:
            yield f"{file} names only {len(named(text))} metrics"
        for name in sorted(named(text)):
            histogram = next((name.removesuffix(end) for end in OF_HISTOGRAMS if name.endswith(end)), None)
            if metrics.get(name) not in ("counter", "gauge") and metrics.get(histogram) != "histogram":
                yield f"{file}: no such series: {name}"
    table = operations.split("| Metric | Meaning |")[1].split("\n\n")[0]
    yield from (f"docs/operations.md: nothing measures {name}" for name in sorted(named(table) - metrics.keys()))
    shown = named(dashboard)
    yield from (f"dashboard.json does not show {name}" for name in sorted(metrics.keys())
                if not shown & {name + end for end in ("", *OF_HISTOGRAMS)})
    headings = {line.lstrip("#").strip().lower().replace(" ", "-") for line in operations.splitlines() if line.startswith("#")}
    runbooks = re.findall(r"^ *runbook: (.*)$", rules, re.MULTILINE)
    yield from (f"rules.yaml: docs/operations.md has no heading {name}" for name in runbooks if name not in headings)
    if len(runbooks) != rules.count("- alert: "):
        yield "rules.yaml: an alert has no runbook"


def main():
    found = list(faults())
    promtool = sys.argv[1] if len(sys.argv) > 1 else "promtool"
    for arguments in [["check", "config", "prometheus.yaml"], ["test", "rules", "rules.test.yaml"]]:
        ran = subprocess.run([promtool, *arguments], cwd=FOLDER, capture_output=True, text=True)
        if ran.returncode:
            found.append(ran.stdout + ran.stderr)
    print("\n".join(found) or f"rules and dashboard name {len(measured())} metrics that exist, and the alerts do what they say")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
