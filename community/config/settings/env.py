"""The one reader of the environment."""

from pathlib import Path

from environ import Env

HOUSE = Path(__file__).resolve().parents[3]

env = Env()

# Real variables win over the file, as an operator who types `PORT=9000 make run` expects.
ENV_FILE = env.str("HIROBA_ENV_FILE", default=str(HOUSE / ".env"))
if ENV_FILE and Path(ENV_FILE).is_file():
    Env.read_env(ENV_FILE, overwrite=False)

VAR = Path(env.str("HIROBA_VAR", default=str(HOUSE / "var"))).expanduser().resolve()
