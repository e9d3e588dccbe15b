using System.Runtime.InteropServices;

namespace Eclusier.Lab;

/// <summary>The sample application's program (<c>app/app.c</c>).</summary>
public static class SampleProgram
{
    private static readonly Lazy<Task<string>> Compiled = new(() => NativeCode.CompileAsync("app.c", "-static"));

    /// <summary>The architecture that images of it are for, as registries write it.</summary>
    public static string Architecture => RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64";

    /// <returns>The path of the static program.</returns>
    public static Task<string> PathAsync() => Compiled.Value;
}
