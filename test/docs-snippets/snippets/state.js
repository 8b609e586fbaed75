// The state of a connection, and its id.
const connection = new signalR.HubConnectionBuilder().withUrl("/chathub").build();
console.log(connection.state, connection.connectionId);
const starting = connection.start();
console.log(connection.state);
await starting;
console.log(connection.state === signalR.HubConnectionState.Connected);
console.log((await connection.invoke("ConnectionId")) === connection.connectionId);
await connection.stop();
console.log(connection.state);
