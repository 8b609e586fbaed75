// MessagePack, as a page has it.
const connection = new signalR.HubConnectionBuilder()
  .withUrl("/chathub")
  .withHubProtocol(new signalR.protocols.msgpack.MessagePackHubProtocol())
  .build();
await connection.start();
console.log((await connection.invoke("Echo", new Uint8Array([1, 2, 3]))).length);
