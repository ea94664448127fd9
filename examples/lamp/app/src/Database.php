<?php
// One connection a request, and the question that matters most here: may we write?
declare(strict_types=1);

final class ReadOnlyMode extends RuntimeException {}

final class Database
{
    public readonly PDO $pdo;

    public function __construct(private readonly Config $config)
    {
        $options = [
            PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION,
            PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC,
            PDO::ATTR_TIMEOUT => 2, // seconds to connect: a lost database must not hold every worker
            PDO::ATTR_EMULATE_PREPARES => true, // one round trip a statement
            PDO::MYSQL_ATTR_INIT_COMMAND => "SET SESSION innodb_lock_wait_timeout=3, time_zone='+00:00'",
        ];
        if ($config->dbCa !== '') {
            $options[PDO::MYSQL_ATTR_SSL_CA] = $config->dbCa;
        }
        $this->pdo = new PDO(
            "mysql:host={$config->dbHost};port={$config->dbPort};dbname={$config->dbName};charset=utf8mb4",
            $config->dbUser, $config->dbPassword, $options);
    }

    /**
     * The mode as it is now. Inside a write's transaction pass $lock: the row is then share-locked, so that an epoch
     * cannot change between this look and the commit.
     * @return array{read_only:bool, reason:string, epoch:?int, writer_region:?string, database_read_only:bool}
     */
    public function mode(bool $lock = false): array
    {
        $closed = !in_array(strtoupper((string) $this->pdo->query('SELECT @@global.read_only')->fetchColumn()), ['0', 'OFF'],
            true);
        $epoch = $this->epoch($lock);
        $elsewhere = $epoch !== null && $epoch['writer_region'] !== $this->config->region;
        $reason = match (true) {
            $this->config->mode === 'read-only' => 'the configuration says read-only',
            $closed => 'the database accepts no writes (it is a replica, or it is fenced)',
            $elsewhere && $this->config->mode === 'auto' => "writes belong to {$epoch['writer_region']}",
            default => '',
        };
        return ['read_only' => $reason !== '', 'reason' => $reason,
            'epoch' => $epoch === null ? null : (int) $epoch['epoch'],
            'writer_region' => $epoch['writer_region'] ?? null, 'database_read_only' => $closed];
    }

    /** The fencing token that an orchestrator keeps beside the data; null when there is none. */
    private function epoch(bool $lock): ?array
    {
        try {
            $row = $this->pdo->query('SELECT epoch, writer_region FROM relight_epoch WHERE id = 1'
                . ($lock ? ' LOCK IN SHARE MODE' : ''))->fetch();
            return $row === false ? null : $row;
        } catch (PDOException $e) {
            if (self::missingTable($e)) {
                return null;
            }
            throw $e;
        }
    }

    public static function missingTable(PDOException $e): bool
    {
        return $e->getCode() === '42S02';
    }

    /** Runs f; if its tables are not there yet makes them, when that is allowed, and runs it again. */
    public function withSchema(callable $f, mixed $withoutSchema = null): mixed
    {
        try {
            return $f();
        } catch (PDOException $e) {
            if (!self::missingTable($e)) {
                throw $e;
            }
        }
        if ($this->mode()['read_only']) {
            return $withoutSchema; // the tables come by replication
        }
        // Only when missing: CREATE TABLE IF NOT EXISTS is written to the binary log even when it changes nothing.
        $this->pdo->exec('CREATE TABLE IF NOT EXISTS entries (
            id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
            token VARCHAR(64) CHARACTER SET ascii NOT NULL,
            name VARCHAR(80) NOT NULL,
            message VARCHAR(2000) NOT NULL,
            picture_key VARCHAR(160) CHARACTER SET ascii NULL,
            picture_type VARCHAR(40) CHARACTER SET ascii NULL,
            region VARCHAR(32) CHARACTER SET ascii NOT NULL,
            created_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
            UNIQUE KEY token (token)
        ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4');
        return $f();
    }
}
