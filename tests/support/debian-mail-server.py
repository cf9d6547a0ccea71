"""Debian's aiosmtpd on a free port, with Debian's dkim to check signatures: peers that share no code with ours.

Prints one JSON object a line: first the port, then each mail taken. The public key of every selector is the first
argument, base64. An address that begins with "gone" is refused with 550 5.1.1, "later" with 451 4.7.1.
"""

import email
import email.policy
import json
import socket
import sys

import dkim
from aiosmtpd.controller import Controller

public_key = sys.argv[1].encode()


def key_record(name, timeout=5):
    return b"v=DKIM1; k=rsa; p=" + public_key


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("gone"):
            return "550 5.1.1 No such user here"
        if address.startswith("later"):
            return "451 4.7.1 Greylisted, try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        raw = envelope.content
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        print(json.dumps({
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "subject": mail["subject"],
            "messageId": mail["message-id"],
            "listUnsubscribe": mail["list-unsubscribe"],
            "listUnsubscribePost": mail["list-unsubscribe-post"],
            "text": mail.get_body(("plain",)).get_content(),
            "html": mail.get_body(("html",)).get_content(),
            "defects": [str(defect) for part in mail.walk() for defect in part.defects],
            "signed": dkim.verify(raw, dnsfunc=key_record),
        }), flush=True)
        return "250 2.0.0 Taken"


with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
controller = Controller(Handler(), hostname="127.0.0.1", port=port, enable_SMTPUTF8=True)
controller.start()
print(json.dumps({"port": port}), flush=True)
sys.stdin.read()
controller.stop()
