// How long either end may be silent.
const connection = new signalR.HubConnectionBuilder()
  .withUrl("/chathub")
  .withServerTimeout(60000)
  .withKeepAliveInterval(30000)
  .build();
console.log(connection.serverTimeoutInMilliseconds, connection.keepAliveIntervalInMilliseconds);

connection.serverTimeoutInMilliseconds = 120000;
connection.keepAliveIntervalInMilliseconds = 60000;
await connection.start();
console.log(connection.serverTimeoutInMilliseconds, connection.keepAliveIntervalInMilliseconds);
