//! Names to put together. Some have letters beyond ASCII, a hyphen or a blank, as people's have.

#[rustfmt::skip]
pub(super) const FIRST_NAMES: &[&str] = &[
    "Aaliyah", "Adam", "Agnieszka", "Ahmed", "Aisha", "Akira", "Alejandro", "Alice", "Amara",
    "Amélie", "Ana", "Andrei", "Anna", "Anna-Lena", "Antonio", "Arjun", "Astrid", "Aya", "Beatriz",
    "Ben", "Björn", "Camille", "Carlos", "Carmen", "Charlotte", "Chiara", "Chloé", "Clara", "Dana",
    "Daniel", "Dmitri", "Elena", "Elif", "Emeka", "Emil", "Emma", "Enrique", "Erik", "Esra",
    "Esther", "Fatima", "Felix", "Finn", "Freya", "Gabriel", "George", "Giulia", "Grace", "Greta",
    "Hana", "Hannah", "Hassan", "Helena", "Henry", "Hiroshi", "Hugo", "Ibrahim", "Ida", "Ines",
    "Ingrid", "Irina", "Isabel", "Ivan", "Jakub", "Jana", "Jean-Luc", "Jing", "Johan", "Jonas",
    "José", "Julia", "Kaito", "Karin", "Katarzyna", "Kofi", "Lars", "Laura", "Leila", "Leo", "Lin",
    "Lucas", "Lucía", "Lukas", "Magnus", "Maja", "Marco", "Maria", "Marie", "Mary Ann", "Mateo",
    "Matilda", "Mehmet", "Mei", "Mia", "Mohammed", "Nadia", "Naomi", "Ngozi", "Nikola", "Nina",
    "Noah", "Nora", "Oleksandr", "Olga", "Oliver", "Omar", "Oskar", "Paula", "Pedro", "Peter",
    "Priya", "Rafael", "Ravi", "Renée", "Rosa", "Ruth", "Samira", "Samuel", "Sanjay", "Sara",
    "Sofia", "Søren", "Stefan", "Sven", "Tamar", "Tereza", "Thandiwe", "Theo", "Thomas", "Tom",
    "Valentina", "Vera", "Viktor", "Wei", "Yara", "Yasmin", "Yuki", "Yusuf", "Zoë", "Zofia",
];

#[rustfmt::skip]
pub(super) const LAST_NAMES: &[&str] = &[
    "Abe", "Adeyemi", "Ahmed", "Ali", "Almeida", "Andersen", "Andersson", "Bakker", "Barbosa",
    "Bauer", "Becker", "Berg", "Bianchi", "Boateng", "Brandt", "Brown", "Campbell", "Castillo",
    "Chandra", "Chen", "Clark", "Cohen", "Conti", "Costa", "Cruz", "Dahl", "Das", "Davies",
    "de Vries", "Demir", "Diallo", "Dubois", "Duarte", "Edwards", "Eriksen", "Esposito", "Evans",
    "Fernández", "Ferrari", "Fischer", "Flores", "Fontaine", "Fujita", "García", "Girard",
    "González", "Greco", "Green", "Gruber", "Gupta", "Haddad", "Hall", "Hansen", "Harris",
    "Hayashi", "Hernández", "Hoffmann", "Horvat", "Huber", "Hughes", "Ibrahim", "Ito", "Ivanov",
    "Jackson", "Jansen", "Jensen", "Johansson", "Kamau", "Kaya", "Keller", "Khan", "Kim", "King",
    "Klein", "Kobayashi", "Koch", "Kovač", "Kowalski", "Kumar", "Lambert", "Larsen", "Lee",
    "Lefèvre", "Lewis", "Li", "Lima", "Lindqvist", "López", "Lund", "Maier", "Marino", "Martin",
    "Martínez", "Mbeki", "Mensah", "Meyer", "Moreau", "Moreno", "Morgan", "Müller", "Murphy",
    "Nakamura", "Nguyen", "Nielsen", "Novák", "Nowak", "Núñez", "O'Brien", "Okafor", "Oliveira",
    "Olsen", "Öztürk", "Papadopoulos", "Park", "Patel", "Pereira", "Pérez", "Petrov", "Popescu",
    "Reddy", "Ricci", "Richter", "Roberts", "Rossi", "Roux", "Ruiz", "Santos", "Sato", "Schmidt",
    "Schneider", "Schulz", "Sharma", "Silva", "Singh", "Smith-Jones", "Sørensen", "Suzuki",
    "Svensson", "Takahashi", "Tanaka", "Taylor", "Thompson", "Torres", "Traoré", "Turner",
    "van Dijk", "Vargas", "Vogel", "Wagner", "Walker", "Wang", "Weber", "Williams", "Wilson",
    "Wójcik", "Wolf", "Wood", "Wright", "Yamamoto", "Yang", "Yılmaz", "Zhang", "Zimmermann",
];
