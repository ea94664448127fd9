<?php
// Entries: rows in the database, their pictures in S3.
declare(strict_types=1);

final class Invalid extends RuntimeException {}

final class Entries
{
    private const COLUMNS = 'id, token, name, message, picture_key, picture_type, region, created_at';
    private const PICTURE_TYPES = ['image/jpeg', 'image/png', 'image/gif', 'image/webp'];
    private const PICTURE_BYTES_MAX = 5 << 20;

    public function __construct(private readonly Config $config, private readonly Database $db) {}

    /** @return list<array> newest first */
    public function newest(int $limit): array
    {
        return $this->select('ORDER BY id DESC LIMIT ' . $limit, []);
    }

    /** @return list<array> oldest first, ids above $since */
    public function since(int $since, int $limit): array
    {
        return $this->select('WHERE id > ? ORDER BY id LIMIT ' . $limit, [$since]);
    }

    public function find(int $id): ?array
    {
        return $this->select('WHERE id = ?', [$id])[0] ?? null;
    }

    private function select(string $rest, array $values): array
    {
        return $this->db->withSchema(function () use ($rest, $values) {
            $q = $this->db->pdo->prepare('SELECT ' . self::COLUMNS . ' FROM entries ' . $rest);
            $q->execute($values);
            return $q->fetchAll();
        }, []);
    }

    /**
     * Returns after the picture is in S3 and the row is committed; not before. The same token again gives the same
     * entry, so a client that lost the answer asks again without doubling its write.
     * @return array{0:int,1:bool} id, and whether it is new
     */
    public function add(string $token, string $name, string $message, ?string $picture): array
    {
        $token = $token === '' ? bin2hex(random_bytes(16)) : $token;
        $name = trim($name);
        $message = trim($message);
        if (!preg_match('/^[A-Za-z0-9._:-]{1,64}$/', $token)) {
            throw new Invalid('token: 1 to 64 letters, digits or ._:- expected');
        }
        self::check('name', $name, 80);
        self::check('message', $message, 2000);
        if ($this->db->mode()['read_only']) {
            throw new ReadOnlyMode($this->db->mode()['reason']);
        }
        [$key, $type] = $picture === null ? [null, null] : $this->store($token, $picture);
        return $this->db->withSchema(fn() => $this->insert([$token, $name, $message, $key, $type,
            $this->config->region]));
    }

    private static function check(string $field, string $text, int $max): void
    {
        $length = preg_match('//u', $text) ? iconv_strlen($text, 'UTF-8') : 0;
        if ($length < 1 || $length > $max) {
            throw new Invalid("$field: 1 to $max characters of UTF-8 expected");
        }
    }

    private function store(string $token, string $picture): array
    {
        if ($this->config->bucket === '') {
            throw new Invalid('picture: this installation keeps no pictures (UPLOADS_BUCKET is not set)');
        }
        $type = strlen($picture) > self::PICTURE_BYTES_MAX ? ''
            : (string) (new finfo(FILEINFO_MIME_TYPE))->buffer($picture);
        if (!in_array($type, self::PICTURE_TYPES, true)) {
            throw new Invalid('picture: a JPEG, PNG, GIF or WebP of at most 5 MiB expected');
        }
        $key = "pictures/$token-" . substr(hash('sha256', $picture), 0, 16);
        (new S3($this->config))->put($key, $picture, $type);
        return [$key, $type];
    }

    private function insert(array $row): array
    {
        $pdo = $this->db->pdo;
        $pdo->beginTransaction();
        try {
            $mode = $this->db->mode(lock: true);
            if ($mode['read_only']) {
                throw new ReadOnlyMode($mode['reason']);
            }
            $pdo->prepare('INSERT INTO entries (token, name, message, picture_key, picture_type, region)
                VALUES (?, ?, ?, ?, ?, ?)')->execute($row);
            $id = (int) $pdo->lastInsertId();
            $pdo->commit();
            return [$id, true];
        } catch (Throwable $e) {
            if ($pdo->inTransaction()) {
                try {
                    $pdo->rollBack();
                } catch (PDOException) {
                    // the connection is gone, and the transaction with it
                }
            }
            if ($e instanceof PDOException && ($e->errorInfo[1] ?? 0) === 1062) {
                return [$this->idOf($row[0]), false];
            }
            if ($e instanceof PDOException && in_array($e->errorInfo[1] ?? 0, [1290, 1792, 1836], true)) {
                throw new ReadOnlyMode('the database accepts no writes');
            }
            throw $e;
        }
    }

    private function idOf(string $token): int
    {
        $q = $this->db->pdo->prepare('SELECT id FROM entries WHERE token = ?');
        $q->execute([$token]);
        return (int) $q->fetchColumn();
    }

    /** The entry as JSON clients see it. */
    public static function view(array $row): array
    {
        return ['id' => (int) $row['id'], 'token' => $row['token'], 'name' => $row['name'],
            'message' => $row['message'], 'region' => $row['region'],
            'created_at' => str_replace(' ', 'T', $row['created_at']) . 'Z',
            'picture' => $row['picture_key'] === null ? null : "/entries/{$row['id']}/picture",
            'picture_key' => $row['picture_key']];
    }
}
