// Passkeys: the one thing on the site that only a script can ask a browser for. A form names what it wants
// (data-passkey: "create", "get", or "sign-in", which fetches its options first) and carries the answer to the server.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const withId = (key) => ({ ...key, id: bytes(key.id) });

function asked({ publicKey: options }) {
  const read = { ...options, challenge: bytes(options.challenge) };
  if (options.user) read.user = withId(options.user);
  if (options.allowCredentials) read.allowCredentials = options.allowCredentials.map(withId);
  if (options.excludeCredentials) read.excludeCredentials = options.excludeCredentials.map(withId);
  return read;
}

function told(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  };
}

async function optionsOf(form) {
  if (form.dataset.passkey !== "sign-in") {
    return JSON.parse(form.querySelector('script[type="application/json"]').textContent);
  }
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`passkey options: ${answer.status}`);
  return (await answer.json()).request_options;
}

async function use(form) {
  const trouble = form.querySelector("[data-passkey-trouble]");
  trouble.hidden = true;
  try {
    const publicKey = asked(await optionsOf(form));
    if (form.dataset.passkey === "create") {
      // Kept by the device itself, so that it can sign in alone.
      publicKey.authenticatorSelection = {
        ...publicKey.authenticatorSelection,
        residentKey: "required",
        requireResidentKey: true,
        userVerification: "required",
      };
    }
    const credential =
      form.dataset.passkey === "create"
        ? await navigator.credentials.create({ publicKey })
        : await navigator.credentials.get({ publicKey });
    form.elements.credential.value = JSON.stringify(told(credential));
    form.submit();
  } catch (error) {
    console.warn(error);
    trouble.hidden = false;
  }
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const button = form.querySelector("[data-passkey-button]");
  if (!window.PublicKeyCredential) {
    form.querySelector("[data-passkey-trouble]").hidden = false;
    button.disabled = true;
  }
  button.addEventListener("click", () => use(form));
}
