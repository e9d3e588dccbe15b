using System.Runtime.InteropServices;
using Eclusier.Output;

namespace Eclusier.Commands;

/// <summary>Turns the first Ctrl+C or SIGTERM into a cancellation; the second one ends the program at once.</summary>
public sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly IReadOnlyList<PosixSignalRegistration> _signals;

    public Interruption(Terminal terminal)
    {
        _signals = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM }.Select(signal => PosixSignalRegistration.Create(signal, context =>
        {
            if (_source.IsCancellationRequested)
            {
                return; // what was begun is finished or undone at the next start
            }

            context.Cancel = true;
            if (context.Signal == PosixSignal.SIGINT && terminal.ErrorIsTerminal)
            {
                terminal.Say(" stopping; once more to stop at once", Tone.Quiet);
            }

            _source.Cancel();
        }))];
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        foreach (var signal in _signals)
        {
            signal.Dispose();
        }

        _source.Dispose();
    }
}
