"""Write the committed JSON anew, and remove what is no dashboard any more."""

from dashboards.grafana import GENERATED, files


def main() -> None:
    """Make `GENERATED` hold the dashboards' files and nothing else."""
    wanted = files()
    GENERATED.mkdir(exist_ok=True)
    for path in GENERATED.iterdir():
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (GENERATED / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
