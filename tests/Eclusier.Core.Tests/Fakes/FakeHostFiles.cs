using Eclusier.Core.Sources;

namespace Eclusier.Core.Tests.Fakes;

/// <summary>Files of the host, by path.</summary>
public sealed class FakeHostFiles : IHostFiles
{
    /// <summary>What is in them.</summary>
    public Dictionary<string, string> Contents { get; } = [];

    public string StampOf(string path) => Contents.TryGetValue(path, out var content) ? Some.Hash(content) : "missing";
}
