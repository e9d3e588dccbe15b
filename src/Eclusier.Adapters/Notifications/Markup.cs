using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Eclusier.Adapters.Notifications;

/// <summary>How a service wants text written. Whatever a commit's author or a container wrote stays text: it mentions nobody and formats nothing.</summary>
internal abstract partial class Markup
{
    /// <summary>Shown as nothing; behind an <c>@</c> it keeps services from reading a name there.</summary>
    private const string Nothing = "\u200b";

    private const int LongestFact = 300;

    public abstract string Escape(string text);

    public abstract string Bold(string escaped);

    public virtual string Link(string escaped, string url) => escaped;

    /// <summary>Lines as a program printed them.</summary>
    public abstract string Block(string text);

    /// <summary>All of a message but its title, with as much of the evidence as fits: its last lines tell most.</summary>
    /// <param name="longest">In UTF-16 code units, as services count.</param>
    public string Write(Message message, int longest)
    {
        var text = new StringBuilder();
        if (message.Text.Length > 0)
        {
            text.Append(Escape(message.Text)).Append('\n');
        }

        foreach (var fact in message.Facts)
        {
            var value = Escape(Message.Cut(fact.Text, LongestFact));
            text.Append(Bold(Escape($"{fact.Label}:"))).Append(' ').Append(fact.Url is null ? value : Link(value, fact.Url)).Append('\n');
        }

        foreach (var evidence in message.Evidence)
        {
            var head = $"{Bold(Escape($"{Message.Cut(evidence.Subject, LongestFact)}:"))}\n";
            for (var lines = evidence.Text; lines.Length > 0; lines = Tail(lines, lines.Length / 2))
            {
                var block = $"{head}{Block(lines)}\n";
                if (text.Length + block.Length <= longest)
                {
                    text.Append(block);
                    break;
                }
            }
        }

        return text.Length <= longest ? text.ToString().TrimEnd('\n') : Message.Cut(Escape(Message.Cut(message.Text, longest / 4)), longest);
    }

    protected static string Mute(string text) => text.Replace("@", $"@{Nothing}", StringComparison.Ordinal);

    private static string Tail(string text, int longest)
    {
        var tail = text[^longest..];
        return tail.IndexOf('\n', StringComparison.Ordinal) is >= 0 and var end && end < tail.Length - 1 ? tail[(end + 1)..] : tail.TrimStart((char)0xDC00);
    }

    /// <summary>No markup at all.</summary>
    public sealed class Plain : Markup
    {
        public override string Escape(string text) => text;

        public override string Bold(string escaped) => escaped;

        public override string Link(string escaped, string url) => $"{escaped} {url}";

        public override string Block(string text) => string.Join('\n', text.TrimEnd('\n').Split('\n').Select(line => $"    {line}"));
    }

    /// <summary>Markdown of Discord and Mattermost.</summary>
    public sealed partial class Markdown : Markup
    {
        public override string Escape(string text) => Special().Replace(Mute(text), @"\$0");

        public override string Bold(string escaped) => $"**{escaped}**";

        public override string Link(string escaped, string url) => $"[{escaped}]({url.Replace(")", "%29", StringComparison.Ordinal)})";

        public override string Block(string text) => $"```\n{Mute(text.TrimEnd('\n')).Replace("```", $"`{Nothing}``", StringComparison.Ordinal)}\n```";

        [GeneratedRegex(@"[\\`*_~|<>#\[\]():+\-!]")]
        private static partial Regex Special();
    }

    /// <summary>Slack's: only &amp;, &lt; and &gt; can begin something that reaches people.</summary>
    public sealed class Slack : Markup
    {
        public override string Escape(string text) => Entities(text).Replace("*", $"*{Nothing}", StringComparison.Ordinal).Replace("`", $"`{Nothing}", StringComparison.Ordinal);

        public override string Bold(string escaped) => $"*{escaped}*";

        public override string Link(string escaped, string url) => $"<{Entities(url).Replace("|", "%7C", StringComparison.Ordinal)}|{escaped.Replace("|", "¦", StringComparison.Ordinal)}>";

        public override string Block(string text) => $"```{Entities(text.TrimEnd('\n')).Replace("```", $"`{Nothing}``", StringComparison.Ordinal)}```";

        private static string Entities(string text) =>
            text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
    }

    /// <summary>The few tags that Telegram and Matrix take.</summary>
    public sealed class Html : Markup
    {
        public override string Escape(string text) => WebUtility.HtmlEncode(Mute(text));

        public override string Bold(string escaped) => $"<b>{escaped}</b>";

        public override string Link(string escaped, string url) => $"<a href=\"{WebUtility.HtmlEncode(url)}\">{escaped}</a>";

        public override string Block(string text) => $"<pre>{Escape(text.TrimEnd('\n'))}</pre>";
    }
}
