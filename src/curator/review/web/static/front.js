// The front page: its keys, and decisions that the review page has not been able to send.

import "./keys.js";
import { showMessage } from "./messages.js";
import { listen, sendAll } from "./outbox.js";

listen({
  onAnswer: ({ content }) => showMessage(content.message || content.error || "", { isError: Boolean(content.error) }),
  onFailure: (reason, left) =>
    showMessage(`${left} of your decisions could not be sent yet (${reason})`, { isError: true }),
});
sendAll();
