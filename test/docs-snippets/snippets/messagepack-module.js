// MessagePack, as a module has it.
const connection = new signalR.HubConnectionBuilder()
  .withUrl("/chathub")
  .withHubProtocol(new signalRMsgPack.MessagePackHubProtocol())
  .build();
await connection.start();
console.log((await connection.invoke("Echo", new Uint8Array([1, 2, 3]))).length);
