// Uses Twilio's library as documented and prints the results as JSON.

const [library, base, account, token, number] = process.argv.slice(1);
const twilio = require(library);
const RequestClient = require(`${library}/lib/base/RequestClient`);

// Redirects requests for all of Twilio's hosts to one base URL.
class Simulator extends RequestClient {
    request(options) {
        const theirs = new URL(options.uri);
        return super.request({ ...options, uri: base + theirs.pathname + theirs.search });
    }
}

const client = (token) => twilio(account, token, { httpClient: new Simulator() });

const raised = async (action) => {
    try {
        await action();
        return null;
    } catch (error) {
        return [error.status, error.code];
    }
};

const main = async () => {
    const api = client(token);
    const seen = {};

    const numbers = await api.incomingPhoneNumbers.list({ pageSize: 50 });
    seen.numbers = numbers.length;
    seen.different_numbers = new Set(numbers.map((one) => one.phoneNumber)).size;
    const found = await api.incomingPhoneNumbers.list({ phoneNumber: "+14150000007" });
    seen.found = found.map((one) => one.phoneNumber);
    seen.accounts = (await api.api.accounts.list()).map((one) => one.friendlyName);

    seen.fetched = (await api.incomingPhoneNumbers(number).fetch()).voiceUrl;
    const updated = await api.incomingPhoneNumbers(number).update({
        voiceUrl: "https://new.example/voice",
        voiceMethod: "POST",
        statusCallback: "",
    });
    seen.updated = updated.voiceUrl;
    seen.cleared = !updated.statusCallback;
    const message = { from: "+14150000000", to: "+14155550199", body: "Grüße" };
    seen.message = (await api.messages.create(message)).status;

    const services = await api.messaging.v1.services.list();
    seen.services = services.map((one) => one.friendlyName);
    const pool = await api.messaging.v1.services(services[0].sid).phoneNumbers.list();
    seen.pool = pool.map((one) => one.phoneNumber);
    const senders = await api.messaging.v2.channelsSenders.list({ channel: "whatsapp" });
    seen.senders = senders.map((one) => one.webhook.callbackUrl);
    seen.region = (await api.routes.v2.phoneNumbers("+14150000000").fetch()).voiceRegion;

    seen.missing = await raised(() => api.incomingPhoneNumbers(`PN${"0".repeat(32)}`).fetch());
    seen.refused = await raised(() =>
        api.incomingPhoneNumbers(number).update({ voiceUrl: "nowhere" }),
    );
    seen.unauthenticated = await raised(() => client("wrong").incomingPhoneNumbers.list());

    const secondary = await api.accounts.v1.secondaryAuthToken().create();
    const next = client(secondary.secondaryAuthToken);
    seen.token = (await next.accounts.v1.authTokenPromotion().update()).authToken;
    seen.after_rotation = (await next.incomingPhoneNumbers(number).fetch()).voiceUrl;

    console.log(JSON.stringify(seen));
};

main().catch((error) => {
    console.error(error);
    process.exit(1);
});
