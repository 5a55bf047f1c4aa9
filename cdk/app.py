"""What `cdk synth` and `cdk deploy` run."""

import sys

from aws_cdk import App

from cdk.settings import BadSetting, parse
from cdk.stack import Autocall


def main() -> None:
    """Synthesise the stack that the context asks for."""
    app = App()
    try:
        settings = parse(app.node.get_all_context())
    except BadSetting as bad:
        sys.exit(f"Context: {bad}")
    Autocall(app, settings)
    app.synth()


if __name__ == "__main__":
    main()
