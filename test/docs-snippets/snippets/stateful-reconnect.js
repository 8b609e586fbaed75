// Stateful reconnect.
const connection = new signalR.HubConnectionBuilder()
  .withUrl("/chathub")
  .withStatefulReconnect({ bufferSize: 1000 }) // optional
  .build();
await connection.start();
console.log(await connection.invoke("Echo", "here"));
