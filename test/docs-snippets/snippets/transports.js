// Which transports may be used.
let connection;
for (const transport of [
  signalR.HttpTransportType.WebSockets | signalR.HttpTransportType.LongPolling,
  signalR.HttpTransportType.ServerSentEvents,
  signalR.HttpTransportType.LongPolling,
]) {
  connection = new signalR.HubConnectionBuilder().withUrl("/chathub", transport).build();
  await connection.start();
  console.log(await connection.invoke("Transport"));
  await connection.stop();
}

connection = new signalR.HubConnectionBuilder()
  .withUrl("/chathub", {
    // "Foo: Bar" is not sent with WebSockets in a browser.
    headers: { Foo: "Bar" },
    skipNegotiation: true,
    transport: signalR.HttpTransportType.WebSockets,
    withCredentials: true,
    timeout: 60000,
  })
  .build();
await connection.start();
console.log(await connection.invoke("Transport"));
