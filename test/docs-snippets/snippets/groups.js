// Groups.
const connection = new signalR.HubConnectionBuilder().withUrl("/chathub").build();
connection.on("GroupMessage", (group, text) => {
  console.log(`${group}: ${text}`);
});
await connection.start();
await connection.invoke("JoinGroup", "SignalR Users");
await connection.invoke("SendToGroup", "SignalR Users", "hello");
