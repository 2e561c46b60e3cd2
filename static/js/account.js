// Comforts of the door and the settings. Every form works without them.

// The browser knows its time zone; asking a person for it would be rude.
for (const field of document.querySelectorAll("[data-time-zone]")) {
  if (!field.value) field.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}

// A chosen picture is shown at once. It leaves the device only with the form.
for (const input of document.querySelectorAll("[data-picture-input]")) {
  const place = document.getElementById(input.dataset.pictureInput);
  input.addEventListener("change", () => {
    const [file] = input.files;
    if (!place || !file?.type.startsWith("image/")) return;
    const shown = new Image();
    shown.alt = "";
    shown.src = URL.createObjectURL(file);
    shown.addEventListener("load", () => URL.revokeObjectURL(shown.src), { once: true });
    place.replaceChildren(shown);
  });
}

// An appearance is seen while it is being chosen; saving makes it stay.
for (const radio of document.querySelectorAll('#preferences-form input[name="theme"]')) {
  radio.addEventListener("change", () => {
    document.documentElement.dataset.theme = radio.value;
  });
}

// Passkeys are asked for on few pages; the part is fetched there only.
if (document.querySelector("form[data-passkey]")) import("./passkeys.js");
if (document.querySelector("[data-codes]")) import("./codes.js");

// An archive that is being prepared: the page looks again by itself until it is there.
const looksAgain = async () => {
  const answer = await fetch(window.location.pathname).catch(() => null);
  const page = answer?.ok ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  const fresh = page?.getElementById("archive");
  const shown = document.getElementById("archive");
  if (fresh && fresh.innerHTML !== shown.innerHTML) shown.replaceWith(document.adoptNode(fresh));
  if (document.querySelector("[data-archive-waits]")) setTimeout(looksAgain, 3000);
};
if (document.querySelector("[data-archive-waits]")) setTimeout(looksAgain, 1500);
