// Choosing a preset fills in what it knows, where nobody has entered anything else. The server does the same on saving.
document.addEventListener("DOMContentLoaded", () => {
  const field = (name) => document.getElementById(`id_${name}`);
  const preset = field("preset");
  if (!preset || !preset.dataset.presets) return;
  const known = JSON.parse(preset.dataset.presets);
  const baseUrls = new Set(Object.values(known).map((one) => one.base_url));
  preset.addEventListener("change", () => {
    const chosen = known[preset.value];
    if (!chosen) return;
    field("kind").value = "openai";
    const baseUrl = field("base_url");
    if (!baseUrl.value || baseUrls.has(baseUrl.value)) baseUrl.value = chosen.base_url;
    if (!field("credential").value) field("credential_source").value = chosen.needs_key ? "stored" : "none";
  });
});
