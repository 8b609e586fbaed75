// Start, try again when that fails, and start again when the connection is closed.
const connection = new signalR.HubConnectionBuilder()
  .withUrl("/chathub")
  .configureLogging(signalR.LogLevel.Warning)
  .build();

async function start() {
  try {
    await connection.start();
    console.log("SignalR Connected.");
  } catch (err) {
    console.log(err);
    setTimeout(start, 5000);
  }
}

connection.onclose(async () => {
  await start();
});

// Start the connection.
await start();

await connection.send("AbortMe");
