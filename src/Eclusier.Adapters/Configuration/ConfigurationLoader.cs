using System.Text;
using Eclusier.Adapters.Configuration.Keys;
using Eclusier.Adapters.Configuration.Reading;
using Eclusier.Adapters.Configuration.Yaml;
using Eclusier.Adapters.Files;
using Eclusier.Core.Stacks;

namespace Eclusier.Adapters.Configuration;

/// <summary>Says why a file cannot be read (<c>there is no such file</c>), or <c>null</c> when it can.</summary>
public delegate string? FileCheck(string absolutePath);

/// <summary>Reads and checks the configuration file; every mistake is reported at once, none is thrown.</summary>
public static class ConfigurationLoader
{
    private const int SizeLimit = 1024 * 1024; // more is not a configuration, and checking it would take long

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <param name="path">Absolute, or relative to the current folder.</param>
    /// <param name="environmentVariable">Gives the value of an environment variable, or <c>null</c>.</param>
    /// <param name="fileCheck">Looks at the files that the configuration names; by default at those of this host.</param>
    public static ConfigurationResult Load(string path, Func<string, string?> environmentVariable, FileCheck? fileCheck = null)
    {
        byte[] content;
        try
        {
            content = ReadLimited(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Refused(path, default, CheckFile(path) ?? exception.Message);
        }

        if (content.Length > SizeLimit) { return Refused(path, default, "is larger than 1 MiB"); }

        string text;
        try
        {
            text = StrictUtf8.GetString(content);
        }
        catch (DecoderFallbackException exception)
        {
            var before = Encoding.UTF8.GetString(content, 0, Math.Max(0, exception.Index));
            var position = new Position(before.Count(character => character == '\n') + 1, before.Length - before.LastIndexOf('\n'));
            return Refused(path, position, "the file is not UTF-8 text from here on");
        }

        return Parse(text, path, environmentVariable, fileCheck);
    }

    /// <param name="fileName">For messages; its folder is where relative <c>*_file</c> paths begin.</param>
    /// <inheritdoc cref="Load"/>
    public static ConfigurationResult Parse(string text, string fileName, Func<string, string?> environmentVariable, FileCheck? fileCheck = null)
    {
        var problems = new Problems(fileName);
        var value = YamlTreeReader.Read(text.TrimStart('\uFEFF'), problems);
        AgentSettings? settings = null;
        if (value is not null and not YamlValue.Text { IsNothing: true })
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(fileName)) ?? "/";
            var surroundings = new Surroundings(problems, folder, environmentVariable, fileCheck ?? CheckFile);
            AgentKeys.Group.TryRead(new Field(surroundings, "", "", value.Position, value), out settings);
        }
        else if (!problems.Any)
        {
            problems.Add(new Position(1, 1), "", $"the file is empty; expected at least '{AgentKeys.Stacks.Name}'");
        }

        return new ConfigurationResult(problems.Any ? null : settings, problems.All, problems.Warnings);
    }

    private static byte[] ReadLimited(string path)
    {
        using var file = File.OpenRead(path);
        var content = new byte[SizeLimit + 1];
        return content[..file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false)];
    }

    private static ConfigurationResult Refused(string path, Position position, string message) =>
        new(null, [new ConfigurationProblem(path, position.Line, position.Column, "", message)], []);

    // Asked, not opened: opening a pipe would wait for its writer.
    private static string? CheckFile(string path) =>
        Directory.Exists(path) ? "it is a folder"
        : !File.Exists(path) ? "there is no such file"
        : !Rights.MayRead(path) ? "it cannot be read: permission denied"
        : null;
}
