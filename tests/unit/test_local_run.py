"""What `make run` brings along: keys that are made once, and settings that give way to a person's own."""

import socket
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.local_run import first_keys, local_settings, why_not_port

KEYS = {"SECRET_KEY": "s", "LINK_KEYS": "l"}


def test_keys_are_made_once_and_for_the_owner_alone(tmp_path):
    folder = tmp_path / "instance"

    first, second = first_keys(folder), first_keys(folder)

    assert first == second
    assert set(first) == {"SECRET_KEY", "LINK_KEYS"}
    # 32 random bytes in hexadecimal.
    assert [len(key) for key in first.values()] == [64, 64]
    assert stat.S_IMODE((folder / "keys.env").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["keys.env"]


def test_two_starts_at_once_end_up_with_the_same_keys(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        keys = list(pool.map(lambda _: tuple(first_keys(tmp_path).values()), range(32)))

    assert len(set(keys)) == 1


def test_the_environment_wins_over_dotenv_and_dotenv_over_the_defaults():
    settings = local_settings(
        {"COMPANY_NAME": "Ours", "PORT": "5001"},
        dotenv={"COMPANY_NAME": "File's", "COMPANY_PHONE": "0101234567", "LINK_KEYS": "mine", "ODD": None},
        keys=KEYS,
    )

    assert settings["COMPANY_NAME"] == "Ours"
    assert settings["COMPANY_PHONE"] == "0101234567"
    assert settings["COMPANY_EMAIL"] == "afspraak@warmtehuis-eemland.example"
    assert settings["LINK_KEYS"] == "mine"
    assert settings["SECRET_KEY"] == "s"
    assert settings["PUBLIC_URL"] == "http://localhost:5001"


@pytest.mark.parametrize(
    ("environ", "demo"),
    [
        ({}, "1"),
        ({"DATABASE_URL": ""}, "1"),
        ({"DATABASE_URL": "sqlite:///mine.db"}, "1"),
        ({"DATABASE_URL": "postgresql+psycopg://db/portal"}, None),
        ({"SMS_PROVIDER": "twilio"}, None),
        ({"DEMO": "0"}, "0"),
        ({"DATABASE_URL": "postgresql+psycopg://db/portal", "DEMO": "1"}, "1"),
    ],
)
def test_demonstration_data_is_asked_for_only_where_it_hurts_nobody(environ, demo):
    settings = local_settings(environ, dotenv={}, keys=KEYS)

    assert settings.get("DEMO") == demo


@pytest.mark.parametrize(
    ("public_url", "bind"),
    [
        ("", "127.0.0.1:5000"),
        ("http://localhost:5000", "127.0.0.1:5000"),
        ("http://192.168.1.9:5000", "0.0.0.0:5000"),
    ],
)
def test_only_this_machine_gets_in_unless_the_links_name_another(public_url, bind):
    settings = local_settings({"PUBLIC_URL": public_url}, dotenv={}, keys=KEYS)

    assert settings["GUNICORN_CMD_ARGS"] == f"--bind {bind}"


def test_a_port_that_is_taken_is_said_in_one_line_with_a_way_out():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        problem = why_not_port(local_settings({"PORT": str(port)}, dotenv={}, keys=KEYS))

    assert problem
    assert str(port) in problem
    assert "make run PORT=" in problem


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1", "٥٠٠٠"])
def test_a_port_that_is_none_is_refused(port):
    problem = why_not_port(local_settings({"PORT": port}, dotenv={}, keys=KEYS))

    assert problem == f"PORT: {port!r} is not a port number (1 to 65535)"
