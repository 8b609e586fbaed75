// Automatic reconnect, and what a page shows of it.
const connection = new signalR.HubConnectionBuilder().withUrl("/chathub").withAutomaticReconnect().build();

connection.onreconnecting((error) => {
  console.assert(connection.state === signalR.HubConnectionState.Reconnecting);
  console.log(`Connection lost due to error "${typeof error}". Reconnecting.`);
});

connection.onreconnected((connectionId) => {
  console.assert(connection.state === signalR.HubConnectionState.Connected);
  console.log(`Connection reestablished. Connected with the new id: ${connectionId === connection.connectionId}.`);
  connection.stop();
});

connection.onclose((error) => {
  console.assert(connection.state === signalR.HubConnectionState.Disconnected);
  console.log(`Connection closed due to error "${error}".`);
});

await connection.start();
connection.send("DropMe");
