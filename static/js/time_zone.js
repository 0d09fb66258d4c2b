// Tells the server the traveler's time zone, so that the distance in hours to an expert can count.
document.addEventListener("DOMContentLoaded", () => {
  for (const input of document.querySelectorAll("[data-time-zone]")) {
    input.value ||= Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
  }
});
