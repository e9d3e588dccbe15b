using Eclusier.Core.Sources;

namespace Eclusier.Core.Tests.Fakes;

/// <summary>Files of the host, by path.</summary>
public sealed class FakeHostFiles : IHostFiles
{
    /// <summary>What is in them.</summary>
    public Dictionary<string, string> Contents { get; } = [];

    /// <summary>Where files are that were replaced; all others are where they always were.</summary>
    public Dictionary<string, string> Places { get; } = [];

    public string StampOf(string path) => Contents.TryGetValue(path, out var content) ? Some.Hash(content) : "missing";

    public string? HashOf(string path) => Contents.TryGetValue(path, out var content) ? Some.Hash(content) : null;

    public string PlaceOf(string path) => Places.GetValueOrDefault(path, "1");
}
