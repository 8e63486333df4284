namespace Qanat.Cli.Iproute2;

/// <summary>What <c>tunnel</c> has in common over IPv4 and over IPv6: the verbs.</summary>
internal abstract class TunnelVerbCommand
{
    /// <summary>Where help is, as the line about an unknown verb ends.</summary>
    protected abstract string SeeHelp { get; }

    /// <summary>Runs the command.</summary>
    /// <param name="args">What follows <c>tunnel</c>.</param>
    /// <exception cref="CommandFailure">It cannot be done.</exception>
    public virtual void Run(IReadOnlyList<string> args)
    {
        var words = new Words(args);
        var verb = words.MoveNext() ? TunnelVerbs.Find(words.Current) : TunnelVerb.Show;
        switch (verb)
        {
            case TunnelVerb.Add:
                Add(words);
                break;
            case TunnelVerb.Change:
                Change(words);
                break;
            case TunnelVerb.Delete:
                Delete(words);
                break;
            case TunnelVerb.Show:
                Show(words);
                break;
            case TunnelVerb.Help:
                throw Usage();
            default:
                if (verb is null || !TryRun(verb.Value, words))
                    throw CommandFailure.Nonsense($"Command \"{words.Current}\" is unknown, try {SeeHelp}");
                break;
        }
    }

    /// <summary>Makes a tunnel.</summary>
    protected abstract void Add(Words words);

    /// <summary>Changes one in place.</summary>
    protected abstract void Change(Words words);

    /// <summary>Removes one.</summary>
    protected abstract void Delete(Words words);

    /// <summary>Prints one, or all that are selected.</summary>
    protected abstract void Show(Words words);

    /// <summary>Runs a verb of one IP version alone; false when it is the other's.</summary>
    protected virtual bool TryRun(TunnelVerb verb, Words words) => false;

    /// <summary>The usage, as a failure.</summary>
    protected abstract CommandFailure Usage();
}
