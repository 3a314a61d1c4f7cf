"""A mail server that keeps what it takes: smtp.py PORT FOLDER [CERT KEY]. With a certificate it wants STARTTLS and the login clerk/secret. Addresses at refused.example are refused."""
import asyncio, email, email.policy, json, os, ssl, sys

from aiosmtpd.smtp import SMTP, AuthResult


class Keeper:
    def __init__(self, folder):
        self.folder = folder

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.endswith("@refused.example"):
            return f"550 {address} is not here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        part = lambda kind: mail.get_body((kind,)).get_content()
        kept = {
            "id": mail["Message-ID"], "to": envelope.rcpt_tos, "subject": mail["Subject"], "text": part("plain"), "html": part("html"),
            "auto": mail["Auto-Submitted"], "tls": session.ssl is not None, "login": bool(session.authenticated), "raw": envelope.content.decode("ascii", "replace"),
        }
        name = os.path.join(self.folder, f"{len(os.listdir(self.folder)):06}-{os.getpid()}")
        with open(name + ".part", "w") as file:
            json.dump(kept, file)
        os.rename(name + ".part", name + ".json")
        return "250 OK"


class Server(SMTP):
    async def smtp_AUTH(self, arg):
        # Its mechanisms have no case (RFC 4422, 3.1); aiosmtpd 1.4 knows them in capitals alone.
        await super().smtp_AUTH(arg and " ".join([arg.split()[0].upper(), *arg.split()[1:]]))


def authenticate(server, session, envelope, mechanism, data):
    return AuthResult(success=data.login == b"clerk" and data.password == b"secret")


port, folder, *tls = sys.argv[1:]
context = None
if tls:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*tls)


def session():
    return Server(Keeper(folder), enable_SMTPUTF8=False, tls_context=context, require_starttls=bool(tls), auth_required=bool(tls), authenticator=authenticate if tls else None)


async def serve():
    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", int(port))
    print("ready", flush=True)
    await server.serve_forever()


asyncio.run(serve())
