// The page's beginning: makes the connection and gives it to the parts of the page, each of which looks after itself.
import { Chat } from "./chat.js";
import { createConnection, stayConnected } from "./connection.js";
import { LineCard } from "./line-card.js";
import { PulseCard } from "./pulse-card.js";
import { UploadCard } from "./upload-card.js";

const connection = createConnection();
const parts = [new LineCard(connection), new Chat(connection), new PulseCard(connection), new UploadCard(connection)];

connection.onStateChange(() => setUsable(false));

stayConnected(connection, async () => {
  const limits = await connection.invoke("limits");
  for (const part of parts) await part.begin?.(limits);
  setUsable(true);
});

function setUsable(isUsable) {
  for (const part of parts) part.setUsable(isUsable);
}
