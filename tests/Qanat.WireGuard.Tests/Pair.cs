namespace Qanat.WireGuard.Tests;

/// <summary>Two ends that know each other, with the keys of <see cref="HandshakeVectors"/> and a clock that they share.</summary>
internal sealed class Pair : IDisposable
{
    public ManualTime Time { get; } = new();

    public Scripted InitiatorsRandom { get; } = new();

    public Scripted RespondersRandom { get; } = new();

    public LocalIdentity InitiatorsIdentity { get; } = new(HandshakeVectors.Get("initiator"));

    public LocalIdentity RespondersIdentity { get; } = new(HandshakeVectors.Get("responder"));

    public Handshake Initiator { get; }

    public Handshake Responder { get; }

    /// <summary>The responder, as the initiator knows it.</summary>
    public HandshakePeer ResponderAsPeer { get; }

    /// <summary>The initiator, as the responder knows it.</summary>
    public HandshakePeer InitiatorAsPeer { get; }

    public Pair()
    {
        Initiator = new(InitiatorsIdentity, Time, InitiatorsRandom.Fill);
        Responder = new(RespondersIdentity, Time, RespondersRandom.Fill);
        ResponderAsPeer = new(InitiatorsIdentity, RespondersIdentity.PublicKey);
        InitiatorAsPeer = new(RespondersIdentity, InitiatorsIdentity.PublicKey);
    }

    public HandshakePeer? Find(PublicKey key) => key == InitiatorsIdentity.PublicKey ? InitiatorAsPeer : null;

    /// <summary>The next initiation, from the initiator to the responder.</summary>
    public byte[] Initiate(uint index = HandshakeVectors.InitiatorsIndex)
    {
        var message = new byte[InitiationMessage.Size];
        if (!Initiator.TryCreateInitiation(ResponderAsPeer, index, message))
            throw new InvalidOperationException("No initiation was made.");
        return message;
    }

    public HandshakeVerdict Accept(byte[] initiation) => Accept(initiation, out _);

    public HandshakeVerdict Accept(byte[] initiation, out HandshakePeer? peer)
    {
        if (InitiationMessage.TryParse(initiation, out var message))
            return Responder.ConsumeInitiation(message, Find, out peer);
        throw new ArgumentException("It is no initiation.", nameof(initiation));
    }

    public byte[] Respond(out TransportKeys keys, uint index = HandshakeVectors.RespondersIndex)
    {
        var message = new byte[ResponseMessage.Size];
        if (!Responder.TryCreateResponse(index, message, out var made))
            throw new InvalidOperationException("No response was made.");
        keys = made;
        return message;
    }

    public HandshakeVerdict Finish(byte[] response, out TransportKeys? keys)
    {
        if (ResponseMessage.TryParse(response, out var message))
            return Initiator.ConsumeResponse(ResponderAsPeer, message, out keys);
        throw new ArgumentException("It is no response.", nameof(response));
    }

    public void Dispose()
    {
        Initiator.Dispose();
        Responder.Dispose();
        InitiatorAsPeer.Dispose();
        ResponderAsPeer.Dispose();
        InitiatorsIdentity.Dispose();
        RespondersIdentity.Dispose();
    }
}

/// <summary>Randomness that is written down beforehand, and goes on with bytes that are all different.</summary>
internal sealed class Scripted
{
    private readonly Queue<byte[]> _bytes = [];
    private readonly Random _rest = new(1);

    public void Add(params byte[][] bytes) => Array.ForEach(bytes, _bytes.Enqueue);

    public void Fill(Span<byte> destination)
    {
        if (_bytes.TryDequeue(out var bytes))
            bytes.CopyTo(destination);
        else
            _rest.NextBytes(destination);
    }
}
