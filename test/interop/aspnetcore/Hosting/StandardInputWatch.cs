namespace Hubwire.Interop.Server.Hosting;

/// <summary>Stops the application when standard input ends: the parent closed it on purpose, or died.</summary>
public sealed class StandardInputWatch(IHostApplicationLifetime lifetime) : IHostedService
{
    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken)
    {
        // A thread of its own: a pending read of a pipe cannot be cancelled, and must not hold up the exit.
        new Thread(ReadToEnd) { IsBackground = true, Name = "standard input" }.Start();
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private void ReadToEnd()
    {
        using var input = Console.OpenStandardInput();
        var buffer = new byte[256];
        while (input.Read(buffer) > 0)
        {
        }

        lifetime.StopApplication();
    }
}
