"""The command `reconciler`."""


def main() -> None:
    """Run the command line; the import stands here so that `python -m reconciler` and the script share it."""
    from reconciler.cli.main import run

    run()


if __name__ == "__main__":
    main()
