"""`python -m crawler`: the `baogao` command."""

from crawler.cli import main

main(prog_name="baogao")
