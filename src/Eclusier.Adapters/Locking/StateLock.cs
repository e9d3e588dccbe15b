using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Eclusier.Core.Deployments;

namespace Eclusier.Adapters.Locking;

/// <summary>The right to work on a state directory: one process has it, and loses it with its death, however that comes.</summary>
public sealed class StateLock : IDisposable
{
    private const string FileName = "eclusier.lock";

    private readonly LockFile file;
    private readonly LockHolder self;

    private StateLock(LockFile file, LockHolder self)
    {
        this.file = file;
        this.self = self;
    }

    /// <summary>Takes the lock at once or not at all. Makes the directory when it is missing.</summary>
    /// <param name="holder">Who has it, when it was not taken; <c>null</c> too when that one did not say who it is.</param>
    /// <exception cref="FailureException">Rejected: the directory is none, cannot be made or may not be written.</exception>
    public static bool TryTake(string stateDirectory, string purpose, TimeProvider timeProvider, [NotNullWhen(true)] out StateLock? taken, out LockHolder? holder)
    {
        MakeDirectory(stateDirectory);
        var path = Path.Combine(stateDirectory, FileName);
        var file = LockFile.Open(path, LockFile.Owners, out var refusal)
            ?? throw FailureException.Rejected($"the state directory '{stateDirectory}' may not be written: '{FileName}' could not be opened: {refusal}");
        (taken, holder) = (null, null);
        var error = file.TryLock();
        if (error == 0)
        {
            var self = new LockHolder(Environment.ProcessId, timeProvider.GetUtcNow(), purpose);
            Write(file, path, self);
            taken = new StateLock(file, self);
            return true;
        }

        using (file)
        {
            holder = error == LockFile.WouldBlock
                ? file.Read()
                : throw FailureException.Rejected($"'{path}' cannot be locked: {Marshal.GetPInvokeErrorMessage(error)}; the state directory must be on a local file system");
            return false;
        }
    }

    /// <summary>Says what the holder does at the moment, for whoever comes second; a full disk keeps it from being said, and from nothing else.</summary>
    public void Describe(string doing)
    {
        try
        {
            file.Write(self with { Doing = doing });
        }
        catch (IOException)
        {
            // the lock is held all the same, and its holder's name is in it
        }
    }

    /// <summary>Gives the lock back.</summary>
    public void Dispose() => file.Release();

    private static void Write(LockFile file, string path, LockHolder holder)
    {
        try
        {
            file.Write(holder);
        }
        catch (IOException exception)
        {
            file.Dispose();
            throw FailureException.Transient($"'{path}' cannot be written: {exception.Message}", exception);
        }
    }

    private static void MakeDirectory(string stateDirectory)
    {
        try
        {
            if (!Directory.Exists(stateDirectory))
            {
                Directory.CreateDirectory(stateDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            var why = File.Exists(stateDirectory) ? "a file of that name is in its place" : exception.Message;
            throw FailureException.Rejected($"the state directory '{stateDirectory}' cannot be made: {why}", exception);
        }
    }
}
