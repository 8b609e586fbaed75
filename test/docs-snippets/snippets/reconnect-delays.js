// Delays of one's own.
const connection = new signalR.HubConnectionBuilder().withUrl("/chathub").withAutomaticReconnect([0, 0, 10000]).build();

connection.onreconnected(() => console.log("Reconnected."));
await connection.start();
connection.send("DropMe");
