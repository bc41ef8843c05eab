"""Settings of the e-mail: every mistake is told by the name of its setting, and no password is repeated."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from reportgen.config import Config, load_config
from reportgen.errors import ConfigError
from reportgen.mail_settings import require_mail

MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "not an address": (
        {"email__to": ["a@b.org", "c@d.org", "anna@@x"]},
        'email.to[2]: "anna@@x" is not an e-mail address',
    ),
    "blank in the middle": ({"email__owner": "an na@x.org"}, 'email.owner: "an na@x.org" is not an e-mail address'),
    "no local part": ({"email__from": "@x.org"}, 'email.from: "@x.org" is not an e-mail address'),
    "umlaut before the @": (
        {"email__to": ["jürgen@x.org"]},
        "email.to[0]: needs SMTPUTF8, which is not supported; use an ASCII address",
    ),
    "line break in an address": ({"email__to": ["a@b.org\nBcc: c@d.org"]}, "email.to[0] contains a line break"),
    "line break in the name": ({"email__report_name": "Segments\r\nBcc: x@y.org"}, "email.report_name contains a line"),
    "separator in the brand": ({"email__brand": "A\u2028B"}, "email.brand contains a line break"),
    "NUL in the brand": ({"email__brand": "A\0B"}, "email.brand contains a control character"),
    "line break in the sender": ({"email__from": "A\n <a@b.org>"}, "email.from contains a line break"),
    "no web address": ({"email__link": "ftp://x.org"}, "email.link must start with https:// or http://"),
    "script as a link": ({"email__link": "javascript:alert(1)"}, "email.link must start with https:// or http://"),
    "two places": (
        {"smtp__password_env": "PW", "smtp__password_file": "pw.txt"},
        "smtp.password_env and smtp.password_file both say where the password is; keep one",
    ),
    "password in the open": (
        {"smtp__password_env": "PW", "smtp__tls": "none"},
        "smtp.tls = 'none' would send the password in the open",
    ),
    "login in the open": ({"smtp__auth": "password", "smtp__tls": "none"}, "would send the password in the open"),
    "password for the variable": ({"smtp__password_env": "S3cret pw!"}, "not the password"),
    "password in the file": ({"smtp__password": "S3cret pw!"}, "smtp.password: a settings file is no place for it"),
    "password as a number": ({"smtp__password_env": 12345678}, "smtp.password_env: input should be a valid string"),
    "a command as one text": (
        {"smtp__password_command": "echo S3cret"},
        "smtp.password_command must be a list of words",
    ),
    "no such setting": ({"smtp__hots": "x"}, "unknown setting 'smtp.hots' (did you mean 'host'?)"),
    "no such name of the sender": ({"email__form": "x"}, "unknown setting 'email.form' (did you mean 'from'?)"),
    "no table": ({"email": "x"}, "'email' is a table of settings, so write [email] on a line of its own"),
    "limits the wrong way round": (
        {"gates__stale_days": [3, 1]},
        "gates.stale_days = [3, 1]: write the limits from the lowest to the highest",
    ),
    "no such protection": ({"smtp__tls": "ssl"}, "smtp.tls = 'ssl'"),
    "no time at all": ({"smtp__timeouts": [0, 1, 1]}, "smtp.timeouts"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_by_the_name_of_its_setting(mistake: str) -> None:
    settings, words = MISTAKES[mistake]
    with pytest.raises(ConfigError) as error:
        load_config(**settings)
    assert words in error.value.message
    assert not re.search("S3cret|12345678", error.value.message + error.value.hint)


MISSING = {
    "nothing set": ({}, ["email.from is missing", "email.owner is missing", "smtp.host is missing"]),
    "no password": ({"smtp__host": "h", "smtp__user": "u"}, ["smtp.password_env is missing"]),
    "no user": ({"smtp__host": "h", "smtp__password_env": "PW"}, ["smtp.user is missing"]),
    "no token": ({"smtp__host": "h", "smtp__user": "u", "smtp__auth": "xoauth2"}, ["smtp.token_command is missing"]),
    "switched off": ({"smtp__transport": "none"}, ["smtp.transport is 'none'"]),
}


@pytest.mark.parametrize("missing", MISSING)
def test_what_is_missing_is_told_before_anything_is_connected(missing: str) -> None:
    settings, words = MISSING[missing]
    config = load_config(**settings)
    with pytest.raises(ConfigError) as error:
        require_mail(config.email, config.smtp)
    assert [word for word in words if word not in error.value.message] == []


def test_addresses_are_read_as_people_write_them() -> None:
    email = load_config(
        email__from="Reports, monthly <Reports@EXAMPLE.com>", email__to=["Anna <anna@Bücher.example>", " b@c.org "]
    ).email
    assert email.address == "Reports@example.com"
    assert email.to == ("anna@xn--bcher-kva.example", "b@c.org")
    assert email.id_domain == "example.com"
    assert load_config(email__to="a@x.org, Ben <b@x.org>;").email.to == ("a@x.org", "b@x.org")


def test_files_are_looked_for_beside_the_settings(tmp_path: Path) -> None:
    file = tmp_path / "reportgen.toml"
    file.write_text("[email]\nto_file = 'team.txt'\n[smtp]\nca_file = 'ca.pem'\npassword_file = '/etc/pw'\n")
    config = load_config(file)
    assert config.email.to_file == str(tmp_path / "team.txt")
    assert config.smtp.ca_file == str(tmp_path / "ca.pem")
    assert config.smtp.password_file == "/etc/pw"


def test_settings_survive_a_round_trip() -> None:
    config = load_config(email__from="a@b.org", email__owner="o@b.org")
    assert Config.model_validate(config.model_dump(exclude_unset=True)) == config
