// The chat of the tutorial: be called, start, call.
const connection = new signalR.HubConnectionBuilder().withUrl("/chathub").build();

connection.on("ReceiveMessage", (user, message) => {
  console.log(`${user} says ${message}`);
});

connection
  .start()
  .then(function () {
    const user = "Ada";
    const message = "hello";
    connection.invoke("CallMe", "ReceiveMessage", [user, message]).catch(function (err) {
      return console.error(err.toString());
    });
  })
  .catch(function (err) {
    return console.error(err.toString());
  });
