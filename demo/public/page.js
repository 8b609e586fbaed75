// The page's beginning: makes the connection and gives it to the parts of the page, each of which looks after itself.
import { Chat } from "./chat.js";
import { ChoiceForm } from "./choice-form.js";
import { RoomConnection } from "./connection.js";
import { LineCard } from "./line-card.js";
import { PulseCard } from "./pulse-card.js";
import { UploadCard } from "./upload-card.js";
import { WireMeter } from "./wire-meter.js";
import { WireTap } from "./wire-tap.js";

const tap = new WireTap();
const connection = new RoomConnection(tap, async () => {
  const limits = await connection.invoke("limits");
  for (const part of parts) await part.begin?.(limits);
  setUsable(true);
});
const parts = [new LineCard(connection), new Chat(connection), new PulseCard(connection), new UploadCard(connection)];
new WireMeter(connection, tap);

connection.onChange(({ current, recovered }) => {
  // While a connection is being resumed everything goes on: what is said meanwhile arrives later.
  if (current !== "Resuming" && !recovered) setUsable(false);
});

new ChoiceForm((choice) => void connection.use(choice));

function setUsable(isUsable) {
  for (const part of parts) part.setUsable(isUsable);
}
