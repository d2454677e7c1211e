"""Uses Twilio's library as documented and prints the results as JSON."""

import json
import sys
from urllib.parse import urlsplit, urlunsplit

from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

base, account, token, number = sys.argv[1:]


class Simulator(TwilioHttpClient):
    """Redirects requests for all of Twilio's hosts to one base URL."""

    def request(self, method, url, *rest, **options):
        own, theirs = urlsplit(base), urlsplit(url)
        url = urlunsplit((own.scheme, own.netloc, theirs.path, theirs.query, ""))
        return super().request(method, url, *rest, **options)


def client(token):
    return Client(account, token, http_client=Simulator())


def raised(action):
    try:
        action()
    except TwilioRestException as error:
        return [error.status, error.code]
    return None


twilio = client(token)
seen = {}

numbers = list(twilio.incoming_phone_numbers.stream(page_size=50))
seen["numbers"] = len(numbers)
seen["different_numbers"] = len({one.phone_number for one in numbers})
found = twilio.incoming_phone_numbers.list(phone_number="+14150000007")
seen["found"] = [one.phone_number for one in found]
seen["accounts"] = [one.friendly_name for one in twilio.api.accounts.list()]

seen["fetched"] = twilio.incoming_phone_numbers(number).fetch().voice_url
updated = twilio.incoming_phone_numbers(number).update(
    voice_url="https://new.example/voice", voice_method="POST", status_callback=""
)
seen["updated"] = updated.voice_url
seen["cleared"] = not updated.status_callback
seen["message"] = twilio.messages.create(
    from_="+14150000000", to="+14155550199", body="Grüße"
).status

services = twilio.messaging.v1.services.list()
seen["services"] = [one.friendly_name for one in services]
pool = twilio.messaging.v1.services(services[0].sid).phone_numbers.list()
seen["pool"] = [one.phone_number for one in pool]
senders = twilio.messaging.v2.channels_senders.list(channel="whatsapp")
seen["senders"] = [one.webhook["callback_url"] for one in senders]
seen["region"] = twilio.routes.v2.phone_numbers("+14150000000").fetch().voice_region

seen["missing"] = raised(lambda: twilio.incoming_phone_numbers("PN" + "0" * 32).fetch())
seen["refused"] = raised(
    lambda: twilio.incoming_phone_numbers(number).update(voice_url="nowhere")
)
seen["unauthenticated"] = raised(
    # In this library, a list that cannot be read raises another exception.
    lambda: client("wrong").incoming_phone_numbers(number).fetch()
)

new = twilio.accounts.v1.secondary_auth_token().create().secondary_auth_token
seen["token"] = client(new).accounts.v1.auth_token_promotion().update().auth_token
seen["after_rotation"] = client(new).incoming_phone_numbers(number).fetch().voice_url

print(json.dumps(seen))
